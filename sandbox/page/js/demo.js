// Fills the shop with demo users, so that its operators have something to look at.

import { fillShop } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { toast } from "./toasts.js";

export function demoButton() {
  const label = t("Fill the shop: 5,000 users, eleven weeks");
  const button = h("button", { type: "button", class: "leap", "data-testid": "fill-shop", on: { click: pour } }, label);
  return button;

  async function pour() {
    button.disabled = true;
    try {
      const { filled } = await fillShop();
      toast(filled ? t("Filled: /admin has something to show now.") : t("It is filled already."));
    } catch (error) {
      toast(error.message, { trouble: true });
      button.disabled = false;
    }
  }
}
