// What is counted is the whole process's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
