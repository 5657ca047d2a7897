export const Privacy = () => (
  <section class="privacy" id="check" aria-label="Privacy">
    <p class="promise">
      Your model never leaves this device. <span>No account, no server, no analytics.</span>
    </p>
    <details>
      <summary>How you can check</summary>
      <ul class="proofs">
        <li>
          <b>Turn on flight mode</b>After the first visit everything works without a network; the foot of the page says
          when.
        </li>
        <li>
          <b>Watch the network panel</b>Press F12, choose Network, narrow a model: only this site’s own files appear,
          and nothing is sent.
        </li>
        <li>
          <b>Compare with the command line</b>The same engine gives the same bytes there; the result shows their
          SHA-256.
        </li>
        <li class="full">
          <b>Read the policy your browser enforces</b>
          <div class="code gap-s">
            <pre>{__POLICY__}</pre>
          </div>
          <p class="meta gap-s">
            connect-src 'self' means a script here cannot send anything to another host. What a policy cannot stop is a
            link you follow yourself.
          </p>
        </li>
      </ul>
    </details>
  </section>
);
