using IppPrinter.Description;
using IppPrinter.Ipp;
using IppPrinter.Jobs;
using IppPrinter.Spooling;

namespace IppPrinter.Operations;

/// <summary>Takes jobs and their documents (RFC 8011 sections 4.2.1 to 4.2.4 and 4.3.1, PWG 5100.7 section 4.1).</summary>
internal sealed class JobCreation(JobQueue jobs, Spool spool, JobDescription description)
{
    private static readonly string[] Essential = ["job-uri", "job-id", "job-uuid", "job-state", "job-state-reasons"];

    /// <summary>A job with one document. If the document fails there has never been a job.</summary>
    public async Task<IppMessage> PrintAsync(OperationRequest request, CancellationToken cancellationToken)
    {
        var unsupported = CheckAll(request);
        var job = jobs.Create(request.JobName, request.User, request.KnownTemplate);
        try
        {
            job = await ReceiveAsync(request, jobs.BeginDocument(job.Id), isLast: true, cancellationToken);
        }
        catch (Exception exception) when (exception is not IppException { Status: IppStatus.JobCanceled })
        {
            jobs.Remove(job.Id);
            throw;
        }

        return Describe(request, job, unsupported);
    }

    public IppMessage Validate(OperationRequest request) => AnswerTo(request, CheckAll(request));

    public IppMessage Create(OperationRequest request)
    {
        var unsupported = CheckTemplate(request);
        return Describe(request, jobs.Create(request.JobName, request.User, request.KnownTemplate), unsupported);
    }

    /// <summary>One more document of a job, or only the word that there are no more. After a failure the client may send it again.</summary>
    public async Task<IppMessage> SendDocumentAsync(OperationRequest request, CancellationToken cancellationToken)
    {
        var isLast = request.Flag("last-document") ?? throw new IppException(IppStatus.BadRequest, "The request does not say last-document.");
        var id = description.FindOwn(request).Id;
        _ = (request.Format, request.Compression);
        var job = jobs.BeginDocument(id);
        try
        {
            job = await ReceiveAsync(request, job, isLast, cancellationToken);
        }
        catch (Exception exception) when (exception is not IppException { Status: IppStatus.JobCanceled })
        {
            jobs.FailDocument(id);
            throw;
        }

        return Describe(request, job, []);
    }

    public IppMessage Close(OperationRequest request) => Describe(request, jobs.Close(description.FindOwn(request).Id), []);

    private static IppMessage AnswerTo(OperationRequest request, IReadOnlyList<IppAttribute> unsupported) => Answer.To(
        request.Message,
        unsupported.Count > 0 ? IppStatus.OkIgnoredOrSubstitutedAttributes : IppStatus.Ok,
        unsupported: unsupported);

    private static IReadOnlyList<IppAttribute> CheckAll(OperationRequest request)
    {
        // Each of them is refused if the printer does not know it.
        _ = (request.Format, request.Compression);
        return CheckTemplate(request);
    }

    private static IReadOnlyList<IppAttribute> CheckTemplate(OperationRequest request)
    {
        var unsupported = JobTemplate.FindUnsupported(request.Template);
        return unsupported.Count > 0 && request.WantsFidelity
            ? throw new IppException(IppStatus.AttributesOrValuesNotSupported, "The job cannot be printed as it is asked for.") { Unsupported = unsupported }
            : unsupported;
    }

    private async Task<Job> ReceiveAsync(OperationRequest request, Job job, bool isLast, CancellationToken cancellationToken)
    {
        var document = await spool.WriteAsync(
            new(
                job.Id,
                job.Documents.Count + 1,
                request.Document,
                request.Format,
                request.Compression,
                MayBeMissing: isLast && job.Documents.Count > 0,
                IsWanted: () => jobs.Find(job.Id) is { HasEnded: false }),
            cancellationToken);
        try
        {
            return jobs.EndDocument(job.Id, document, isLast);
        }
        catch (IppException) when (document is not null)
        {
            spool.Delete([document]);
            throw;
        }
    }

    private IppMessage Describe(OperationRequest request, Job job, IReadOnlyList<IppAttribute> unsupported)
    {
        var answer = AnswerTo(request, unsupported);
        answer.Groups.Add(new IppGroup(IppTag.JobAttributes)
            .Add(description.Describe(job, request.Address).Where(static attribute => Essential.Contains(attribute.Name))));
        return answer;
    }
}
