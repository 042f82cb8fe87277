using BenchmarkDotNet.Attributes;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>The answer to a request in clear text for what requires TLS.</summary>
public class RefusalBenchmarks
{
    private readonly UpgradeConnection _connection = Samples.CreatePlaintextConnection();

    [Benchmark(Baseline = true)]
    public object CreateContext() => Create("*/*");

    [Benchmark]
    public Task<int> WriteProblem() => WriteAsync("*/*");

    [Benchmark]
    public Task<int> WritePage() => WriteAsync("text/html");

    private async Task<int> WriteAsync(string accept)
    {
        var context = Create(accept);
        await UpgradeRequiredResponse.WriteAsync(context);
        return context.Response.StatusCode == StatusCodes.Status426UpgradeRequired
            ? StatusCodes.Status426UpgradeRequired
            : throw new InvalidOperationException($"{context.Response.StatusCode}");
    }

    private DefaultHttpContext Create(string accept)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(_connection);
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/secret";
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Method = "GET";
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("printer.example", 631);
        context.Request.Headers.Accept = accept;
        return context;
    }
}
