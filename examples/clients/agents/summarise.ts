// The mean and the spread of numbers, and what they make one believe.
import * as tars from "./tars_client.mjs";

const numbers = tars.input<number[]>() ?? [];
const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const spread = Math.max(...numbers) - Math.min(...numbers);
tars.metric("spread", spread);
tars.belief("steady", "the readings are steady", spread < 5 ? 0.9 : 0.2, { supports: ["lab.calibrated"] });
tars.output({ mean, spread, count: numbers.length });
