# Rate and queue over time, from queue.series and NAME.series in the current directory.
# Variables: title, output, names (of sinks).
set terminal svg size 900,600 font 'sans-serif,11' background '#ffffff'
set output output
start = real(system("head -n 1 queue.series | cut -d ' ' -f 1"))
set multiplot layout 2,1 title title
set grid
set key outside top right
set lmargin 10
set rmargin 16
set yrange [0:*]
set ylabel 'Mbit/s'
# Of the bytes that arrived, means of 100 ms.
mean(file) = "< awk '{ t = int($1 * 10) / 10; if (t != last && last) { if (t - last > 0) print last, ($2 - bytes) * 8 / 1e6 / (t - last); bytes = $2 } else if (!last) bytes = $2; last = t }' ".file
plot mean('queue.series') using ($1 - start):2 with lines lc 'grey' title 'link', \
    for [name in names] mean(name.'.series') using ($1 - start):2 with lines title name
set ylabel 'queue, kB'
set y2label 'drops'
set xlabel 's'
set y2tics
set y2range [0:*]
plot 'queue.series' using ($1 - start):($4 / 1000) with lines lc 'blue' title 'queue', \
    'queue.series' using ($1 - start):3 axes x1y2 with lines lc 'red' title 'drops'
