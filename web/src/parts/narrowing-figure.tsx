// Thirty-two lines, one for each bit of a float, pass a slot and leave as eight.
const lines = Array.from({ length: 32 }, (_, i) => {
  const from = (6 + (i * 158) / 31).toFixed(1);
  const to = 57 + 8 * Math.floor(i / 4);
  const out = Math.min(to, 113);
  return `M0 ${from}H150C260 ${from} 270 ${out} 364 ${out}`;
});
const kept = Array.from({ length: 8 }, (_, i) => `M380 ${57 + 8 * i}H640`);

export const NarrowingFigure = () => (
  <svg
    class="fig"
    viewBox="0 0 640 170"
    preserveAspectRatio="xMidYMid meet"
    role="img"
    aria-label="Thirty-two lines, one for each bit of a float, pass a slot and leave as eight."
  >
    {lines.map((d) => (
      <path key={d} class="in-l" d={d} />
    ))}
    {kept.map((d) => (
      <path key={d} class="out-l" d={d} />
    ))}
    <path class="gate" d="M372 18V152" />
  </svg>
);
