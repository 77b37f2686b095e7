home = 🛠 <b>Магазин сегодня</b>
home-sales = 💰 Продаж: { $count } на { $total }
home-no-sales = 💰 Продаж пока нет
home-new = 👤 Новых пользователей: { $users } · пробных: { $trials }
home-running = 🔑 Подписок: { $paid } · на пробном: { $trials } (на { $at })
home-stuck-keys = ❗️ Ключей, которые не выдаются: { $count }{ $more ->
    [yes] {" "}или больше
   *[no] {""}
}
home-refused-refunds = ❗️ Возвратов, которые платёжная система отклонила: { $count }{ $more ->
    [yes] {" "}или больше
   *[no] {""}
}
home-failed-updates = ⚠️ Сообщений с ошибкой за сегодня: { $count }{ $more ->
    [yes] {" "}или больше
   *[no] {""}
}
home-no-decisions = ✅ Решать сейчас нечего
home-not-looked = ⏳ Мы только запустились и ещё не осмотрелись. Обновите через несколько секунд.
home-down = 🔴 { $title }
home-up = 🟢 Отвечают: { $names }
home-name-panel = панель VPN
home-name-cryptobot = Crypto Pay
home-name-redis = Redis
home-name-webhook = Telegram
home-exports = 📄 Таблицы
home-chains = ⛓ Сети
home-staff = 👥 Команда
home-back = « Магазин
