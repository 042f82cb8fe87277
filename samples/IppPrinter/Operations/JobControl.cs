using IppPrinter.Ipp;
using IppPrinter.Jobs;

namespace IppPrinter.Operations;

/// <summary>Tells of jobs and cancels them (RFC 8011 sections 4.2.6, 4.3.3 and 4.3.4, PWG 5100.7 section 4.3).</summary>
internal sealed class JobControl(JobQueue jobs, JobDescription description)
{
    private static readonly string[] Brief = ["job-id", "job-uri"];

    public IppMessage Cancel(OperationRequest request)
    {
        jobs.Cancel(description.FindOwn(request).Id);
        return Answer.To(request.Message);
    }

    /// <summary>Those that the client names, or all that have not ended.</summary>
    public IppMessage CancelMine(OperationRequest request)
    {
        var named = request["job-ids"]?.Values.Select(static value => value.Content).OfType<int>().ToHashSet();
        var own = jobs.All.Where(job => job.User == request.User && !job.HasEnded && named?.Contains(job.Id) is null or true).ToArray();
        if (named is not null && named.Count != own.Length)
        {
            throw new IppException(IppStatus.NotPossible, "Not all of these jobs are the user's own and can be canceled.");
        }

        foreach (var job in own)
        {
            // It may have ended in the meantime.
            jobs.TryCancel(job.Id);
        }

        return Answer.To(request.Message);
    }

    public IppMessage Describe(OperationRequest request)
    {
        var job = description.Find(request);
        var answer = Answer.To(request.Message);
        answer.Groups.Add(Select(request, job, request.RequestedAttributes));
        return answer;
    }

    public IppMessage List(OperationRequest request)
    {
        var which = request.Text("which-jobs") ?? "not-completed";
        if (which is not ("completed" or "not-completed"))
        {
            throw new IppException(IppStatus.AttributesOrValuesNotSupported, "The value of which-jobs is not supported.")
            {
                Unsupported = [request["which-jobs"]!],
            };
        }

        // Those that ended: the last one first (RFC 8011 section 4.2.6.2).
        var found = which == "completed"
            ? jobs.All.Where(static job => job.HasEnded).OrderByDescending(static job => job.EndedAt)
            : jobs.All.Where(static job => !job.HasEnded);
        if (request.Flag("my-jobs") is true)
        {
            found = found.Where(job => job.User == request.User);
        }

        if (request["limit"]?.Number is { } limit)
        {
            found = limit > 0 ? found.Take(limit) : throw new IppException(IppStatus.BadRequest, "The limit is not positive.");
        }

        var answer = Answer.To(request.Message);
        answer.Groups.AddRange(found.Select(job => Select(request, job, request.RequestedAttributes ?? [.. Brief])));
        return answer;
    }

    private IppGroup Select(OperationRequest request, Job job, HashSet<string>? names)
    {
        var all = description.Describe(job, request.Address);
        return new IppGroup(IppTag.JobAttributes).Add(names is null || names.Contains("all")
            ? all
            : all.Where(attribute => names.Contains(attribute.Name)
                || (names.Contains("job-template") && job.Template.Contains(attribute))
                || (names.Contains("job-description") && !job.Template.Contains(attribute))));
    }
}
