using System.Diagnostics.CodeAnalysis;

namespace JsonApi.Jobs;

/// <summary>The jobs, in memory.</summary>
public sealed class WaitingJobs
{
    public const int MaxDocumentLength = 8 << 20;

    private const int MaxCount = 64;

    private readonly OrderedDictionary<Guid, PrintJob> _jobs = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<PrintJob> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _jobs.Values];
            }
        }
    }

    /// <returns><see langword="false"/> if the queue is full.</returns>
    public bool TryAdd(PrintJob job)
    {
        lock (_lock)
        {
            return _jobs.Count < MaxCount && _jobs.TryAdd(job.Id, job);
        }
    }

    public bool TryGet(Guid id, [NotNullWhen(true)] out PrintJob? job)
    {
        lock (_lock)
        {
            return _jobs.TryGetValue(id, out job);
        }
    }

    /// <returns><see langword="false"/> if there is no such job.</returns>
    public bool TryRemove(Guid id)
    {
        lock (_lock)
        {
            return _jobs.Remove(id);
        }
    }
}
