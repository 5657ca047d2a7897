// Bars are SVG with attributes: the page's policy allows no style of its own to an element.
const width = (share: number): string => `${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%`;

interface BarProps {
  share: number;
  kind: 'f' | 'q' | 'w';
  /** Where the share is likely to lie. */
  range?: readonly [from: number, to: number];
}

export const Bar = ({ share, kind, range }: BarProps) => (
  <svg class="bar" aria-hidden="true">
    <rect class="t" width="100%" height="100%" />
    <rect class={kind} width={width(share)} height="100%" />
    {range !== undefined && <line class="ci" x1={width(range[0])} x2={width(range[1])} y1="50%" y2="50%" />}
  </svg>
);

/** The float model above, the narrowed one below. */
export const TwoBars = ({ share }: { share: number }) => (
  <svg class="bar two" aria-hidden="true">
    <rect class="f" width={width(share > 1 ? 1 / share : 1)} height="6" />
    <rect class="q" y="9" width={width(share)} height="6" />
  </svg>
);
