using System.Runtime.CompilerServices;
using IppPrinter.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace IppPrinter.Page;

/// <summary>A page that shows the printer and its jobs as they change.</summary>
internal static class PrinterPage
{
    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", static (IWebHostEnvironment environment) => ReadFile(environment, "index.html", "text/html"));
        routes.MapGet("/printer.png", static (IWebHostEnvironment environment) => ReadFile(environment, "printer.png", "image/png"));
        routes.MapGet("/events", static (JobQueue jobs, IOptions<PrinterOptions> options, IHostApplicationLifetime lifetime, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(WatchAsync(jobs, options.Value, lifetime, cancellationToken)));
    }

    private static PhysicalFileHttpResult ReadFile(IWebHostEnvironment environment, string name, string mediaType) =>
        TypedResults.PhysicalFile(environment.WebRootFileProvider.GetFileInfo(name).PhysicalPath!, mediaType);

    private static async IAsyncEnumerable<PrinterSnapshot> WatchAsync(
        JobQueue jobs, PrinterOptions options, IHostApplicationLifetime lifetime, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A page that is open must not hold up the end.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        while (!either.IsCancellationRequested)
        {
            var changed = jobs.Changed;
            yield return PrinterSnapshot.Of(jobs.All, options);
            await changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
