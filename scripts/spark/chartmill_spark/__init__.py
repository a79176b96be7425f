"""Makes the charts of a window of days on an Apache Spark cluster: the same bytes as `chartmill run`.

Begin with `job.py`, which has the steps in order. `tasks.py` has what runs on the executors, and
`publication.py` how charts are published. Python only moves bytes between pipes and Spark, one frame
at a time. `chartmill` decides everything about names, windows, sizes and charts.
"""
