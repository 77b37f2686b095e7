home = 🛠 <b>Магазин сегодня</b>
home-sales = 💰 Продаж: { $count } на { $total }
home-no-sales = 💰 Продаж пока нет
home-new = 👤 Новых пользователей: { $users } · пробных: { $trials }
home-running = 🔑 Подписок: { $paid } · на пробном: { $trials } (на { $at })
home-open-items = { $name }: { $count }
home-no-decisions = ✅ Решать сейчас нечего
home-not-looked = ⏳ Мы только запустились и ещё не осмотрелись. Обновите через несколько секунд.
home-down = 🔴 { $title }
home-up = 🟢 Отвечают: { $names }
home-name-panel = { $named ->
    [yes] панель { $subject }
   *[no] панель VPN
}
home-name-cryptobot = Crypto Pay
home-name-redis = Redis
home-name-webhook = Telegram
home-attention = 🔔 Ждёт решения
home-broadcasts = 📣 Рассылки
home-bulk = 🧰 Сразу многим
home-exports = 📄 Таблицы
home-chains = ⛓ Сети
home-staff = 👥 Команда
home-onchain = ⛓ Оплата в сети
home-web = 🌐 Открыть в браузере
home-back = « Магазин
home-questions = 💬 Ждут ответа: { $count }
home-to-questions = 💬 Вопросы
digest = 🌅 <b>Вчера, { $date }</b>
digest-no-sales = 💰 Продаж не было
digest-running = 🔑 Подписок сейчас: { $paid } · на пробном: { $trials }
