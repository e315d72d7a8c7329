// Behaves as its environment says, to be probed.
const behaviour = process.env.BEHAVIOUR;
const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);

if (behaviour === "fail at init") throw new RangeError("nothing to start with");
if (behaviour === "hang at init") block();

exports.handler = async (event) => {
  if (behaviour === "hang") block();
  if (behaviour === "fail") throw new RangeError("nothing to answer");
  return { ok: true, event };
};
