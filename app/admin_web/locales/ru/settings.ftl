web-settings = Настройки
web-settings-back = « Все настройки
web-setting-now = Сейчас:
web-setting-method = { $name ->
    [cryptobot] Crypto Pay
    [stars] Telegram Stars
   *[balance] баланс
}
web-save = Сохранить
