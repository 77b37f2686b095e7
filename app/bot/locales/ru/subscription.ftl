subscription = 🔑 <b>Ваша подписка</b>
subscription-until = 📅 До <b>{ $date }</b> — ещё { $left }
subscription-traffic =
    📊 { $used } из { $limit }
    { $bar }
subscription-traffic-unlimited = 📊 { $used }, трафик безлимитный
subscription-traffic-unknown = 📊 Сколько трафика ушло, сейчас неизвестно — загляните чуть позже
subscription-devices = 📱 { $devices }
subscription-key = Ваш ключ — нажмите, чтобы скопировать:
subscription-key-works = Ключ остаётся прежним — нажмите, чтобы скопировать:
subscription-pending = ⏳ Готовим ваш ключ. Обычно это меньше минуты: он придёт сюда сам.
subscription-needs-attention = 🛠 С ключом заминка: сервер его пока не принял. Мы уже знаем и чиним. Оплата на месте, ключ придёт сюда сам.
subscription-none =
    У вас пока нет подписки.

    Выберите тариф — ключ придёт сюда сразу после оплаты ✨
subscription-ended =
    ⌛ <b>Подписка закончилась</b>

    Чтобы снова быть на связи, выберите тариф: ключ придёт сразу после оплаты.
subscription-qr = 🔳 Наведите на код камеру приложения — и ключ добавится сам. Никому его не показывайте: это ваш личный доступ.
subscription-no-qr = Этот ключ слишком длинный для QR-кода. Нажмите, чтобы скопировать:
