web-charts = Графики
web-charts-numbers = В цифрах
