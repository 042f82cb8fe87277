using System.ComponentModel.DataAnnotations;
using KestrelTlsUpgrade;
using Microsoft.AspNetCore.Mvc;
using JsonApi.Printers;

namespace JsonApi.Jobs;

/// <summary>Documents and who sent them: over TLS only. How many wait is nobody's secret.</summary>
[ApiController]
[RequireTlsUpgrade]
public sealed class JobsController(WaitingJobs jobs, StatusBoard printers) : ControllerBase
{
    [HttpPost("printers/{printer}/jobs")]
    [Consumes("application/octet-stream", "application/pdf", "application/postscript", "text/plain")]
    [RequestSizeLimit(WaitingJobs.MaxDocumentLength)]
    public async Task<ActionResult<PrintJob>> Submit(
        string printer, [FromQuery, Required, StringLength(64)] string owner, CancellationToken cancellationToken)
    {
        if (!printers.Knows(printer))
        {
            return NotFound();
        }

        using var document = new MemoryStream();
        await Request.Body.CopyToAsync(document, cancellationToken);
        if (document.Length == 0)
        {
            return Problem("The job has no document.", statusCode: StatusCodes.Status400BadRequest);
        }

        var job = new PrintJob(Guid.NewGuid(), printer, owner, document.ToArray());
        return jobs.TryAdd(job)
            ? CreatedAtAction(nameof(Get), new { id = job.Id }, job)
            : Problem("The queue is full.", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    [HttpGet("jobs/{id:guid}")]
    public ActionResult<PrintJob> Get(Guid id) => jobs.TryGet(id, out var job) ? job : NotFound();

    [HttpGet("jobs/{id:guid}/document")]
    public ActionResult GetDocument(Guid id) =>
        jobs.TryGet(id, out var job) ? File(job.Document.ToArray(), "application/octet-stream", $"{id}.prn") : NotFound();

    [HttpGet("jobs/waiting")]
    [RequireTlsUpgrade(Required = false)]
    public int CountWaiting() => jobs.All.Count;
}
