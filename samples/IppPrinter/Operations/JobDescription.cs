using IppPrinter.Description;
using IppPrinter.Ipp;
using IppPrinter.Jobs;

namespace IppPrinter.Operations;

/// <summary>What the printer says of a job (RFC 8011 section 5.3), and to whom.</summary>
internal sealed class JobDescription(JobQueue jobs, PrinterDescription printer)
{
    private const int Kilo = 1024;

    /// <exception cref="IppException">There is no such job.</exception>
    public Job Find(OperationRequest request) =>
        jobs.Find(request.JobId) ?? throw new IppException(IppStatus.NotFound, "There is no such job.");

    /// <summary>A job that the client may change. It is its own who says the name of its user.</summary>
    /// <exception cref="IppException">There is none.</exception>
    public Job FindOwn(OperationRequest request)
    {
        var job = Find(request);
        return job.User == request.User ? job : throw new IppException(IppStatus.NotAuthorized, "The job is another user's.");
    }

    public IEnumerable<IppAttribute> Describe(Job job, PrinterAddress address) =>
    [
        new("job-id", IppValue.Integer(job.Id)),
        new("job-uri", IppValue.Uri(address.JobOf(job.Id))),
        new("job-uuid", IppValue.Uri($"urn:uuid:{job.Uuid}")),
        new("job-printer-uri", IppValue.Uri(address.Printer)),
        new("job-more-info", IppValue.Uri(address.PageOf(""))),
        new("job-name", IppValue.Name(job.Name)),
        new("job-originating-user-name", IppValue.Name(job.User)),
        new("job-state", IppValue.Enum((int)job.State)),
        new("job-state-reasons", IppValue.Keyword(job.Reason)),
        new("job-k-octets", IppValue.Integer((int)Math.Min((job.Length + Kilo - 1) / Kilo, int.MaxValue))),
        new("number-of-documents", IppValue.Integer(job.Documents.Count)),
        new("job-printer-up-time", IppValue.Integer(printer.UpTime)),
        new("time-at-creation", UpTimeAt(job.CreatedAt)),
        new("time-at-processing", UpTimeAt(job.ProcessingAt)),
        new("time-at-completed", UpTimeAt(job.EndedAt)),
        new("date-time-at-creation", TimeOf(job.CreatedAt)),
        new("date-time-at-processing", TimeOf(job.ProcessingAt)),
        new("date-time-at-completed", TimeOf(job.EndedAt)),
        .. job.Template,
    ];

    private static IppValue TimeOf(DateTimeOffset? time) => time is { } known ? IppValue.DateTime(known) : IppValue.NoValue;

    private IppValue UpTimeAt(DateTimeOffset? time) => time is { } known ? IppValue.Integer(printer.UpTimeAt(known)) : IppValue.NoValue;
}
