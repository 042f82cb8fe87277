using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using IppPrinter.Ipp;
using IppPrinter.Spooling;
using Microsoft.Extensions.Options;

namespace IppPrinter.Jobs;

/// <summary>All jobs, in the order of their arrival. Those that ended long ago are forgotten.</summary>
internal sealed class JobQueue(Spool spool, IOptions<PrinterOptions> options, TimeProvider timeProvider)
{
    /// <summary>More of them than a client asks about.</summary>
    private const int MaxEnded = 200;

    /// <summary>Anybody may create jobs that never get a document.</summary>
    private const int MaxOpen = 500;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, Job> _jobs = [];
    private readonly Channel<int> _ready = Channel.CreateUnbounded<int>();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The jobs that are ready to be printed.</summary>
    public ChannelReader<int> Ready => _ready.Reader;

    /// <summary>Completes with the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    public IReadOnlyList<Job> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _jobs.Values];
            }
        }
    }

    public Job? Find(int id)
    {
        lock (_lock)
        {
            return _jobs.GetValueOrDefault(id);
        }
    }

    /// <summary>Begins a job, which waits for its documents.</summary>
    /// <exception cref="IppException">There are too many.</exception>
    public Job Create(string name, string user, IReadOnlyList<IppAttribute> template)
    {
        lock (_lock)
        {
            if (_jobs.Values.Count(static job => !job.HasEnded) >= MaxOpen)
            {
                throw new IppException(IppStatus.Busy, "There are too many jobs.");
            }

            var now = timeProvider.GetUtcNow();
            var job = new Job
            {
                Id = spool.Numbers.TakeNext(),
                Uuid = Guid.NewGuid(),
                Name = name,
                User = user,
                Template = template,
                CreatedAt = now,
                HeardOfAt = now,
            };
            Put(job);
            return job;
        }
    }

    /// <summary>Removes a job as if it had never been there, unless somebody knows that it has ended.</summary>
    public void Remove(int id)
    {
        lock (_lock)
        {
            if (_jobs.GetValueOrDefault(id) is { HasEnded: false })
            {
                _jobs.Remove(id);
                Tell();
            }
        }
    }

    /// <summary>Tells that a document begins to arrive.</summary>
    /// <exception cref="IppException">The job does not wait for one.</exception>
    public Job BeginDocument(int id) => Change(id, static job => job switch
    {
        { State: not JobState.Held } => throw new IppException(IppStatus.NotPossible, "The job takes no more documents."),
        { IsReceiving: true } => throw new IppException(IppStatus.Busy, "Another document of the job is on its way."),
        _ => job with { IsReceiving = true },
    });

    /// <summary>Tells that it has arrived.</summary>
    /// <param name="id">The job.</param>
    /// <param name="document">The document, unless the client only said that there are no more.</param>
    /// <param name="isLast">Whether the job is complete.</param>
    /// <exception cref="IppException">The job was canceled in the meantime.</exception>
    public Job EndDocument(int id, SpooledDocument? document, bool isLast) => Change(id, job =>
    {
        if (job.State is not JobState.Held)
        {
            throw new IppException(IppStatus.JobCanceled, "The job has been canceled.");
        }

        job = job with
        {
            IsReceiving = false,
            Documents = document is null ? job.Documents : [.. job.Documents, document],
            HeardOfAt = timeProvider.GetUtcNow(),
        };
        return isLast ? Close(job) : job;
    });

    /// <summary>Tells that it has not.</summary>
    public void FailDocument(int id) => TryChange(
        id, static job => job.IsReceiving, job => job with { IsReceiving = false, HeardOfAt = timeProvider.GetUtcNow() }, out _);

    /// <summary>Tells that no more documents come.</summary>
    /// <exception cref="IppException">That is known, or one is on its way.</exception>
    public Job Close(int id) => Change(id, job => job switch
    {
        { State: not JobState.Held } => throw new IppException(IppStatus.NotPossible, "The job is closed."),
        { IsReceiving: true } => throw new IppException(IppStatus.NotPossible, "A document of the job is on its way."),
        _ => Close(job),
    });

    /// <summary>Ends a job that has not been printed, and removes its documents.</summary>
    /// <exception cref="IppException">It has ended.</exception>
    public void Cancel(int id)
    {
        if (!TryCancel(id))
        {
            throw new IppException(IppStatus.NotPossible, "The job has ended.");
        }
    }

    /// <summary>Likewise, if it has not ended.</summary>
    public bool TryCancel(int id)
    {
        if (!TryChange(id, static job => !job.HasEnded, job => End(job, JobState.Canceled, "job-canceled-by-user"), out var canceled))
        {
            return false;
        }

        Discard(canceled);
        return true;
    }

    /// <summary>Gives up the jobs whose clients have sent nothing for too long.</summary>
    public void AbortSilent()
    {
        var since = timeProvider.GetUtcNow() - options.Value.ClientTimeout;
        foreach (var silent in All.Where(job => job is { State: JobState.Held, IsReceiving: false } && job.HeardOfAt <= since))
        {
            if (TryChange(silent.Id, job => job == silent, job => End(job, JobState.Aborted, "aborted-by-system"), out var aborted))
            {
                Discard(aborted);
            }
        }
    }

    /// <summary>Begins to print a job, unless it has been canceled.</summary>
    public bool TryBegin(int id, [NotNullWhen(true)] out Job? job) => TryChange(
        id,
        static job => job.State is JobState.Pending,
        job => job with { State = JobState.Processing, Reason = "job-printing", ProcessingAt = timeProvider.GetUtcNow() },
        out job);

    /// <summary>Ends one that has been printed, unless it has been canceled.</summary>
    public bool TryComplete(int id) => TryChange(
        id,
        static job => job.State is JobState.Processing,
        job => End(job, JobState.Completed, "job-completed-successfully"),
        out _);

    private void Discard(Job job) => spool.Delete(job.Documents);

    private Job End(Job job, JobState state, string reason) => job with { State = state, Reason = reason, EndedAt = timeProvider.GetUtcNow() };

    private Job Close(Job job)
    {
        if (job.Documents.Count == 0)
        {
            return End(job, JobState.Aborted, "aborted-by-system");
        }

        _ready.Writer.TryWrite(job.Id);
        return job with { State = JobState.Pending, Reason = "none" };
    }

    private bool TryChange(int id, Func<Job, bool> condition, Func<Job, Job> change, [NotNullWhen(true)] out Job? job)
    {
        lock (_lock)
        {
            job = _jobs.GetValueOrDefault(id);
            if (job is null || !condition(job))
            {
                return false;
            }

            Put(job = change(job));
            return true;
        }
    }

    private Job Change(int id, Func<Job, Job> change) => TryChange(id, static _ => true, change, out var job)
        ? job
        : throw new IppException(IppStatus.NotFound, "There is no such job.");

    private void Put(Job job)
    {
        _jobs[job.Id] = job;
        if (job.HasEnded)
        {
            foreach (var old in _jobs.Values.Where(static job => job.HasEnded).OrderByDescending(static job => job.EndedAt).Skip(MaxEnded).ToArray())
            {
                _jobs.Remove(old.Id);
            }
        }

        Tell();
    }

    private void Tell()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
