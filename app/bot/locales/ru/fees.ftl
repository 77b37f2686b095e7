command-fees = Комиссии сетей сейчас
fees = ⛽️ <b>Комиссии сейчас</b>
fees-off =
    ⛽️ <b>Комиссии сейчас не узнать</b>

    Ни одна сеть пока не подключена. Загляните, пожалуйста, позже.
fees-chain = <b>{ $chain }</b> · { $age }
fees-stale =
    <b>{ $chain }</b>
    ⚠️ Сейчас недоступно. Последнее значение — на { $time }, { $age }:
fees-unavailable =
    <b>{ $chain }</b>
    ⚠️ Сейчас недоступно: сеть не отвечает. Обновите через минуту.
fees-age = { $unit ->
    [moment] только что
    [minutes] { $count ->
        [one] { $count } минуту назад
        [few] { $count } минуты назад
       *[many] { $count } минут назад
    }
    [hours] { $count ->
        [one] { $count } час назад
        [few] { $count } часа назад
       *[many] { $count } часов назад
    }
   *[days] { $count ->
        [one] { $count } день назад
        [few] { $count } дня назад
       *[many] { $count } дней назад
    }
}
fees-pace =
    { $pace ->
        [low] 🐢 <b>Не спеша</b>
        [normal] 🚶 <b>Обычно</b>
        [fast] 🚀 <b>Быстро</b>
       *[any] 🚶 <b>Любая скорость</b>
    } · { $price }
    Перевод: { $transfer }
    Токен: ≈ { $token }
fees-bridge = 🌉 Мост: ≈ { $cost } — уже с запасом { $percent } %
fees-cellframe =
    Комиссия сети: { $network }
    Комиссия валидатора: { $validator }
fees-tron =
    Перевод: не больше { $coin }, несколько раз в день бесплатно
    USDT: ≈ { $token }, на адрес без USDT — ≈ { $new }
    <i>Со своей энергией (стейкинг, аренда) — дешевле.</i>
fees-money = { $coins } ({ $money })
fees-tiny = { $coins } (меньше { $least })
fees-notes = <i>Обычный перевод — ровно { $transfer } газа, токена — около { $token }. Для моста взято { $bridge }: это допущение, и запас добавлен к нему.</i>

# Всплывающее окно: не больше 200 знаков, без разметки.
fees-same-toast = Всё по-прежнему: цифры свежие
