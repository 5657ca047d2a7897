// Keeps the page for flight mode. Not while it is developed: files change under it then.
import { useEffect, useState } from 'preact/hooks';

/** True once everything is here that the page needs. Begins when it is `ready`: the engine comes first. */
export function useOffline(ready: boolean): boolean {
  const [isKept, setKept] = useState(false);
  useEffect(() => {
    // Missing where the page is not served securely.
    if (!ready || !import.meta.env.PROD || navigator.serviceWorker === undefined) return;
    navigator.serviceWorker.register('./sw.js').then(
      () => navigator.serviceWorker.ready.then(() => setKept(true)),
      () => {},
    );
  }, [ready]);
  return isKept;
}
