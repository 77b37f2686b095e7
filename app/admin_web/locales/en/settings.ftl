web-settings = Settings
web-settings-back = « All settings
web-setting-now = Now:
web-setting-method = { $name ->
    [cryptobot] Crypto Pay
    [stars] Telegram Stars
   *[balance] balance
}
web-save = Save
