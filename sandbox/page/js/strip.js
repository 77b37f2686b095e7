// The live strip: what the service does about it all, in cards that each follow one part of it.

import { $, fill } from "./dom.js";
import { mountDeliveries } from "./deliveries.js";
import { mountHealth } from "./health.js";
import { mountNumbers } from "./numbers.js";
import { mountPayments } from "./payments.js";
import { mountWorkers } from "./workers.js";

export function mountStrip() {
  fill($("service"), mountHealth(), mountNumbers(), mountPayments(), mountWorkers(), mountDeliveries());
}
