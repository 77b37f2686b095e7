// The knobs of the VPN panels that serve the shop: not every kind of panel can go wrong in every way.

import { t } from "./i18n.js";

export const PANEL_NAMES = { xray_api: "xray_api", remnawave: "Remnawave", "3x-ui": "3x-ui", pasarguard: "PasarGuard", marzban: "Marzban" };

const FAULTS = {
  ok: [t("None"), t("The panel answers what it should.")],
  lost_answer: [t("Lost"), t("It does what it is asked, and the answer never arrives: still one account and one key.")],
  error_500: ["500", t("The panel fails: tried again, with pauses.")],
  expired_token: [t("Token"), t("It takes the key no more: the admin is told so, and orders wait.")],
  old_version: [t("Old"), t("A version that is too old: one sentence, and orders wait.")],
  new_version: [t("New"), t("A version that nobody knows yet: one sentence, and orders wait.")],
  relative_link: [t("Link"), t("Its links have no host: the service adds one.")],
  cookie: ["Cookie", t("A proxy before it wants a cookie (VPN_API_COOKIES) and hangs up without.")],
};

const HWID = {
  name: "hwid",
  title: t("Devices (HWID)"),
  values: {
    ok: [t("Listed"), t("Every device gets its servers; those that say who they are, the panel lists.")],
    limited: [t("Limited"), t("A new device beyond the plan’s number gets no servers, nor does one that says nothing of itself.")],
  },
};

/** Where a kind does otherwise than the rest. */
const OWN_FAULTS = {
  "3x-ui": { relative_link: [t("Link"), t("It has no address for links: the admin is told to set VPN_SUB_URL, and orders wait.")] },
  marzban: { expired_token: [t("Token"), t("The login has ended: the service logs in again, and nobody notices.")] },
};

/** The knobs that only some kinds have, or that a shop with two panels has twice. */
export const PANEL_KNOBS = ["panel", "panel_fault", "second_panel", "second_panel_fault", HWID.name];

/** Each panel as the world gives it; `knob` is its own. */
export function panelKnobs({ knob, kind, faults }) {
  const known = { ...FAULTS, ...OWN_FAULTS[kind] };
  return [
    {
      name: knob,
      title: knob === "panel" ? t("VPN panel: {kind}", { kind: PANEL_NAMES[kind] }) : t("Second VPN panel: {kind}", { kind: PANEL_NAMES[kind] }),
      values: {
        ok: [t("OK"), t("A key reaches the chat within a second of the payment.")],
        slow: [t("Slow"), t("The key comes late; the chat stays quick meanwhile.")],
        down: [t("Down"), t("The buyer is told to wait; activation is tried again until the panel is back.")],
        refusing: [t("Refusing"), t("The admin, once she has pressed Start, gets a message with a retry button.")],
      },
      number: { when: "slow", name: "panel_delay_ms", label: t("Answers after"), unit: t("ms"), min: 0, step: 500, max: 60_000 },
    },
    {
      name: `${knob}_fault`,
      title: t("Faults of {kind}", { kind: PANEL_NAMES[kind] }),
      values: Object.fromEntries(["ok", ...faults].map((fault) => [fault, known[fault]])),
    },
    ...(kind === "remnawave" ? [HWID] : []),
  ];
}
