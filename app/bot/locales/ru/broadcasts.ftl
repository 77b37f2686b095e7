error-broadcast-changed = С этой рассылкой уже что-то сделали. Откройте /broadcast: там видно, что с ней.
