connect =
    📲 <b>How to connect</b>

    It’s four steps and a couple of minutes. Which device is it?
connect-ios =
    📱 <b>iPhone and iPad</b>

    1. Install <b>Streisand</b> or <b>Hiddify</b> — buttons below.
    2. Copy your key: you’ll find it in “My subscription”.
    3. In the app, tap “+” and choose to add from the clipboard.
    4. Allow the VPN configuration and switch the connection on.

    Done 🎉 If an app isn’t in your App Store, try the other one.
connect-android =
    🤖 <b>Android</b>

    1. Install <b>Hiddify</b> or <b>v2rayNG</b> — buttons below.
    2. Copy your key: you’ll find it in “My subscription”.
    3. In the app, tap “+” and choose to add from the clipboard.
    4. Tap the big connect button and allow the VPN.

    Done 🎉 In v2rayNG, update the subscription before connecting: the ⋮ menu at the top.
connect-windows =
    💻 <b>Windows</b>

    1. Download and install <b>Hiddify</b> or <b>v2rayN</b> — buttons below. Hiddify is the easiest: take the Setup file.
    2. Copy your key: you’ll find it in “My subscription”. It helps to open Telegram on the same computer.
    3. In Hiddify, click “+” and choose to add from the clipboard. In v2rayN, press Ctrl+V and update the subscription.
    4. Click the big connect button.

    Done 🎉
connect-macos =
    🖥 <b>macOS</b>

    1. Install <b>Streisand</b> from the App Store (for Macs with Apple silicon) or download <b>Hiddify</b> — buttons below.
    2. Copy your key: you’ll find it in “My subscription”. It helps to open Telegram on the same computer.
    3. In the app, click “+” and choose to add from the clipboard.
    4. Allow the VPN configuration and switch the connection on.

    Done 🎉
