using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>Once for each request: the middleware that stands first, where it has nothing to do.</summary>
public class RequestBenchmarks
{
    private static readonly RequestDelegate Next = static _ => Task.CompletedTask;

    private readonly TlsUpgradeMiddleware _middleware = CreateMiddleware();

    private readonly DefaultHttpContext _elsewhere = CreateContext("http");
    private readonly DefaultHttpContext _plaintext = CreateContext("http");
    private readonly DefaultHttpContext _declined = CreateContext("http");
    private readonly DefaultHttpContext _secure = CreateContext("https");

    public RequestBenchmarks()
    {
        var connection = Samples.CreatePlaintextConnection();
        _plaintext.Features.Set(connection);
        _declined.Features.Set(connection);
        _declined.Request.Headers.Upgrade = "websocket";
    }

    [Benchmark(Baseline = true)]
    public Task Without() => Next(_plaintext);

    [Benchmark]
    public Task OtherEndpoint() => _middleware.InvokeAsync(_elsewhere);

    [Benchmark]
    public Task Plaintext() => _middleware.InvokeAsync(_plaintext);

    [Benchmark]
    public Task PlaintextWithOtherOffer() => _middleware.InvokeAsync(_declined);

    [Benchmark]
    public Task Https() => _middleware.InvokeAsync(_secure);

    /// <summary>As the server has it where nobody listens.</summary>
    private static TlsUpgradeMiddleware CreateMiddleware()
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var forwarded = new ForwardedScheme(Options.Create(new ForwardedHeadersOptions()));
        var log = new RequestLog(new(TimeProvider.System), NullLoggerFactory.Instance);
        var observers = new TlsUpgradeObservers([new TlsUpgradeMetrics(meters), log]);
        var watch = new RequestTelemetry(observers, Options.Create(new W3CLoggerOptions()), new ActivitySource(nameof(RequestBenchmarks)));
        return new(
            Next,
            Options.Create(new KestrelServerOptions()),
            watch,
            forwarded,
            observers,
            ServerClock.System,
            NullLoggerFactory.Instance);
    }

    private static DefaultHttpContext CreateContext(string scheme)
    {
        var context = new DefaultHttpContext();
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Method = "GET";
        context.Request.Scheme = scheme;
        context.Request.Host = new HostString("printer.example", 631);
        return context;
    }
}
