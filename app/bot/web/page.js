const link = document.getElementById("link"), copy = document.getElementById("copy");
const browser = document.getElementById("browser");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.onclick = async () => {
    await navigator.clipboard.writeText(link.textContent);
    copy.textContent = link.dataset.copied;
  };
}
// Telegram puts who opened a Mini App behind the "#": it is of no use here, and gone at once.
if (location.hash.includes("tgWebApp")) {
  const address = location.origin + location.pathname;
  history.replaceState(null, "", location.pathname + location.search);
  if (browser) {
    browser.hidden = false;
    browser.href = address;
    browser.onclick = (event) => {
      const event_data = JSON.stringify({ url: address });
      if (!window.TelegramWebviewProxy) return;
      event.preventDefault();
      window.TelegramWebviewProxy.postEvent("web_app_open_link", event_data);
    };
  }
}
