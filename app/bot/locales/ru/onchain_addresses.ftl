onchain-addresses =
    ⛓ <b>Адреса для оплаты в сети</b>

    Покупатели переводят стейблкоины прямо сюда. Мы только читаем сеть: приватный ключ здесь не нужен никогда, а кто его просит — вор.
onchain-address-family = { $family ->
    [tron] <b>TRON</b>
   *[evm] <b>Ethereum и BNB Smart Chain</b> (адрес один на обе)
}
onchain-address-none = Не задан: эти сети не предлагаются.
onchain-address-environment = Из окружения сервиса; чтобы сменить, поменяйте переменную и перезапустите.
onchain-address-changed-row = 🚨 Его запись изменили в обход бота. Она не показывается никому.
onchain-address-pending = ⏳ С { $at }: { $address }
onchain-address-set = { $family ->
    [tron] ✏️ Задать адрес TRON
   *[evm] ✏️ Задать адрес Ethereum и BSC
}
onchain-address-cancel = { $family ->
    [tron] ❌ Отменить новый адрес TRON
   *[evm] ❌ Отменить новый адрес Ethereum и BSC
}
onchain-to-addresses = « Адреса
onchain-address-ask =
    { $family ->
        [tron] ✏️ Пришлите адрес <b>TRON</b>, на который будут платить: он начинается с T.
       *[evm] ✏️ Пришлите адрес <b>Ethereum и BSC</b>, на который будут платить: 0x и 40 знаков, с большими и маленькими буквами, как показывает кошелёк.
    }

    Скопируйте его из кошелька, который принадлежит только вам. Не адрес для пополнения биржи.
onchain-address-check = { $family ->
    [tron] 🔎 <b>Новый адрес TRON</b>
   *[evm] 🔎 <b>Новый адрес Ethereum и BSC</b>
}
onchain-address-sum-right = ✅ Контрольная сумма сходится.
onchain-address-not-asked = ⚠️ { $chain } сейчас не отвечает, поэтому там мы адрес не проверили.
onchain-address-contract = ⚠️ В сети { $chain } это контракт, а не обычный счёт. Продолжайте, только если это ваш кошелёк с мультиподписью.
onchain-address-frozen = 🚨 В сети { $chain } он в чёрном списке { $tokens }: что придёт, останется там навсегда. Возьмите другой адрес.
onchain-address-balance = В сети { $chain } на нём { $balances }.
onchain-address-exchange = ⚠️ Это адрес пополнения на бирже? Тогда возьмите другой: переводы внутри биржи в сеть не попадают, и мы их не увидим.
onchain-address-confirm = Сверьте с кошельком и пришлите <b>последние { $count } знаков</b>, чтобы подтвердить. Адрес начнёт действовать через 24 часа, а все операторы узнают о нём сейчас.
onchain-address-end-differs = ❗️ Адрес заканчивается иначе. Ничего не изменилось: вредоносные программы подменяют адреса в буфере обмена. Пришлите адрес ещё раз.
operator-onchain-address-set =
    { $family ->
        [tron] ⛓ <b>Новый адрес TRON для оплаты</b>
       *[evm] ⛓ <b>Новый адрес Ethereum и BSC для оплаты</b>
    }

    { $address }

    Чья настройка: { $owner }. Действует с { $at }. Если это не ваш адрес, владелец может отменить его до этого времени.
operator-onchain-address-effective =
    { $family ->
        [tron] ⛓ <b>Теперь покупатели платят на этот адрес TRON</b>
       *[evm] ⛓ <b>Теперь покупатели платят на этот адрес Ethereum и BSC</b>
    }

    { $address }

    { $by ->
        [environment] Он из окружения сервиса.
       *[owner] Чья настройка: { $owner }.
    } Открытые счета сохраняют адрес, который показали.
operator-onchain-address-cancelled =
    { $family ->
        [tron] ⛓ <b>Новый адрес TRON отменён</b>
       *[evm] ⛓ <b>Новый адрес Ethereum и BSC отменён</b>
    }

    { $address }

    Прежний остаётся.
operator-onchain-address-changed =
    { $family ->
        [tron] 🚨 <b>Адрес TRON для оплаты изменили в базе данных</b>
       *[evm] 🚨 <b>Адрес Ethereum и BSC для оплаты изменили в базе данных</b>
    }

    Не через бота: подпись неверна, или ONCHAIN_SECRET другой. Покупателям он не показывается, и оплата на него закрыта. Выясните, кто может писать в базу, а потом задайте адрес заново.
operator-onchain-frozen =
    🚨 <b>Наш адрес заморожен: { $tokens }</b>

    В сети { $chain } адрес { $address } в чёрном списке токена: что придёт, останется там навсегда. Покупателям мы его больше не предлагаем. Задайте другой адрес.

# Всплывающие окна: не больше 200 знаков, без разметки.
onchain-address-cancelled-toast = Отменено ✓
error-onchain-off = Оплата в сети выключена: сначала задайте ONCHAIN_SECRET в окружении сервиса.
error-onchain-address-shape = Это не адрес этой сети. Скопируйте его из кошелька ещё раз.
error-onchain-address-family = Это адрес другой сети. Пришлите подходящий.
error-onchain-address-case = Пришлите с большими и маленькими буквами, как показывает кошелёк: иначе опечатку не заметить.
error-onchain-address-checksum = Контрольная сумма не сходится: знак пропущен или ошибочен. Скопируйте ещё раз.
error-onchain-address-unusable = Такой адрес не может быть ничьим: он пустой или это контракт токена. Возьмите адрес своего кошелька.
error-onchain-address-decimals = Ничего не задано: узел сообщает другое число знаков после запятой у токена, чем считаем мы. Загляните в /rpc: той ли сети этот узел?
error-onchain-address-environment = Этот адрес задан в окружении сервиса и меняется там.
error-onchain-address-pending = Другой новый адрес уже ждёт своего часа. Сначала отмените его.
error-onchain-address-same = Этот адрес уже действует.
error-onchain-address-gone = Он уже действует, или его отменили.
