# Reads what a measurement prints, and prints a table of each figure: the median, the least and the greatest value
# of each series, and ratios of values that were measured one after the other. Other lines are
# printed unchanged.
#
#     sample FIGURE UNIT SERIES VALUE      separated by tabs
#     ratio FIGURE SERIES BASE
#
# -v bench=NAME -v table=FILE: appends the same as tab-separated rows to FILE:
#     NAME FIGURE UNIT SERIES BASE MEDIAN LEAST GREATEST NUMBER    BASE is "-" for values

BEGIN { FS = OFS = "\t" }

$1 == "sample" {
    if (!(($2, "unit") in figures)) {
        order[++number] = $2
        figures[$2, "unit"] = $3
    }
    if (!(($2, $4) in count)) series[$2, ++lines[$2]] = $4
    value[$2, $4, ++count[$2, $4]] = $5
    next
}

$1 == "ratio" {
    series[$2, ++lines[$2]] = $3
    base[$2, lines[$2]] = $4
    next
}

$1 ~ /^ok / { next }

{
    print
    fflush()
}

function sort(list, n,    i, k, x) {
    for (i = 2; i <= n; i++) {
        x = list[i]
        for (k = i - 1; k > 0 && list[k] > x; k--) list[k + 1] = list[k]
        list[k + 1] = x
    }
}

function shown(x) { return x == 0 ? "0" : x >= 1000 ? sprintf("%.0f", x) : sprintf("%.3g", x) }

function row(figure, line,    name, of, n, i, list, median, label) {
    name = series[figure, line]
    of = base[figure, line]
    n = count[figure, name]
    if (of != "" && count[figure, of] < n) n = count[figure, of]
    if (n == 0) return
    for (i = 1; i <= n; i++) {
        list[i] = value[figure, name, i]
        if (of != "") list[i] = value[figure, of, i] ? list[i] / value[figure, of, i] : 0
    }
    sort(list, n)
    median = (list[int((n + 1) / 2)] + list[int(n / 2) + 1]) / 2
    label = of == "" ? name : name " / " of
    printf "    %-44s %9s  (%s-%s)\n", label, shown(median), shown(list[1]), shown(list[n])
    if (table) print bench, figure, figures[figure, "unit"], name, of == "" ? "-" : of, median, list[1], list[n], n >>table
}

END {
    for (f = 1; f <= number; f++) {
        printf "%s, %s\n", order[f], figures[order[f], "unit"]
        for (l = 1; l <= lines[order[f]]; l++) row(order[f], l)
    }
}
