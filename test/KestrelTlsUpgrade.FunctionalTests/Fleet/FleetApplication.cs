using System.Text.RegularExpressions;
using KestrelTlsUpgrade.FunctionalTests.Interop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>
/// A service that moves to TLS. Its middleware adds cookies and fields ahead of routing, as sessions and tracing do. Some of its requests
/// are held for as long as the test likes.
/// </summary>
internal sealed partial class FleetApplication
{
    /// <summary>What is answered when the test likes.</summary>
    public const string HeldPath = "/held";

    /// <summary>What requires TLS from the start.</summary>
    public static readonly string[] Required = ["/jobs", "/ipp/print"];

    private TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;

    /// <summary>Whether everything requires TLS, the last step.</summary>
    public volatile bool RequiresTlsEverywhere;

    /// <summary>How many requests are held.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>How a request arrived, according to its answer; <see langword="null"/> if the answer does not say.</summary>
    public static TlsUpgradeState? FindState(string content) =>
        Arrived().Match(content) is { Success: true } match ? Enum.Parse<TlsUpgradeState>(match.Groups[1].ValueSpan) : null;

    /// <summary>Answers the requests that are held.</summary>
    public void Release() => Interlocked.Exchange(ref _release, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    public void Map(WebApplication app, bool isUpgradable)
    {
        app.Use(static (context, next) =>
        {
            context.Response.Cookies.Append("session", "secret");
            context.Response.Headers["X-Trace"] = "secret";
            context.Response.OnStarting(static state =>
            {
                ((HttpContext)state).Response.Headers["X-Elapsed"] = "secret";
                return Task.CompletedTask;
            }, context);
            return next(context);
        });
        app.UseRouting();
        if (isUpgradable)
        {
            app.UseWhen(_ => RequiresTlsEverywhere, static branch => branch.RequireTlsUpgrade());
        }

        app.MapGet("/status", Describe);
        app.MapGet("/metrics", Describe);
        app.MapGet(HeldPath, (Delegate)HoldAsync);
        IEndpointConventionBuilder[] required = [app.MapGet("/jobs", Describe), app.MapPost("/ipp/print", EchoPrinter.AnswerAsync)];
        if (isUpgradable)
        {
            Array.ForEach(required, static endpoint => endpoint.RequireTlsUpgrade());
        }
    }

    private static string Describe(HttpContext context) =>
        $"{context.Request.Path} arrived: {context.Features.Get<ITlsUpgradeFeature>()?.State ?? TlsUpgradeState.Plaintext}";

    private async Task<string> HoldAsync(HttpContext context)
    {
        var release = Volatile.Read(ref _release).Task;
        Interlocked.Increment(ref _held);
        try
        {
            await release.WaitAsync(context.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }

        return Describe(context);
    }

    [GeneratedRegex(": (Plaintext|Upgraded|DirectTls)\\b")]
    private static partial Regex Arrived();
}
