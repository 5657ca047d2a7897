// The float model's own answers on a few samples, as soon as these have been read.
import { useEffect, useState } from 'preact/hooks';
import { EngineFailure } from './engine/client.ts';
import type { DataRequest, ModelAnswer } from './engine/protocol.ts';
import type { Opened } from './state.ts';
import type { Narrowcast } from './use-narrowcast.ts';

// Above this, loading the model once more is left to the visitor.
const unaskedBytes = 64 * 2 ** 20;

export type Answers = { answers: ModelAnswer[] } | { reason: string } | undefined;

interface Asked {
  answers: Answers;
  isAsking: boolean;
  /** Undefined when nothing needs to be asked for. */
  ask: (() => void) | undefined;
}

export function useAnswers({ engine, samples }: Narrowcast, opened: Opened): Asked {
  const { request, isReading, look } = samples;
  const [known, setKnown] = useState<{ of: DataRequest; answers: Answers }>();
  const [wanted, setWanted] = useState<DataRequest>();
  const isSmall = opened.inspection.bytes <= unaskedBytes;
  const canAsk = request !== undefined && !isReading && (look?.previews.length ?? 0) > 0;
  const isKnown = known !== undefined && known.of === request;
  const isDue = canAsk && !isKnown && (isSmall || wanted === request);
  useEffect(() => {
    if (!isDue || request === undefined) return;
    const controller = new AbortController();
    engine.askFloat(opened.files, request, controller.signal).then(
      (answers) => setKnown({ of: request, answers: { answers } }),
      (error) => {
        if (error instanceof EngineFailure) setKnown({ of: request, answers: { reason: error.message } });
      },
    );
    return () => controller.abort();
  }, [engine, opened, request, isDue]);
  return {
    answers: isKnown ? known.answers : undefined,
    isAsking: isDue,
    ask: canAsk && !isKnown && !isDue ? () => setWanted(request) : undefined,
  };
}
