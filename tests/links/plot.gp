# Rate and queue over time, from queue.series and NAME.series in the current directory.
# Variables: title, output, names (of sinks).
set terminal svg size 900,600 font 'sans-serif,11' background '#ffffff'
set output output
stats 'queue.series' using 1 name 'time' nooutput
# Of a growing number of bytes, the mean rates of 100 ms or more.
rates(file) = "<awk '!past { past = $1; bytes = $2 } $1 >= past + 0.1 { ".\
    "printf \"%.3f %.3f\\n\", $1, ($2 - bytes) * 8e-6 / ($1 - past); past = $1; bytes = $2 }' ".file
set multiplot layout 2,1 title title
set grid
set key outside top right
set lmargin 10
set rmargin 24
set xrange [0:time_max - time_min]
set yrange [0:*]
set ylabel 'Mbit/s'
plot rates('queue.series') using ($1 - time_min):2 with lines lc 'grey' title 'link', \
    for [name in names] rates(name.'.series') using ($1 - time_min):2 with lines title name
set ylabel 'queue, kB'
set y2label 'drops'
set xlabel 's'
set ytics nomirror
set y2tics
set y2range [0:*]
plot 'queue.series' using ($1 - time_min):($4 / 1000) with lines lc 'blue' title 'queue', \
    'queue.series' using ($1 - time_min):3 axes x1y2 with lines lc 'red' title 'drops'
