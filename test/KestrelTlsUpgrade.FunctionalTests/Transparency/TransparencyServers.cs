using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>A server with the middleware and one that does not know it, asked about every stream of the corpus at once.</summary>
public sealed class TransparencyServers : IAsyncLifetime
{
    public const int MaxRequestLineSize = 1024;

    /// <summary>So small that a head beyond it still arrives in one piece of the transport's memory.</summary>
    public const int MaxRequestHeadersTotalSize = 3000;

    public const int MaxRequestHeaderCount = 30;

    public const int MaxRequestBodySize = 256 * 1024;

    private const int PairsAtATime = 128;

    private readonly SemaphoreSlim _pairs = new(PairsAtATime);
    private readonly Dictionary<string, Task<Comparison>> _whole = [];
    private readonly Dictionary<string, Task<Comparison>> _segmented = [];
    private UpgradeServer? _with;
    private UpgradeServer? _without;

    public async ValueTask InitializeAsync()
    {
        _with = await UpgradeServer.StartAsync(
            options => options.Https.HandshakeTimeout = TimeSpan.FromSeconds(2), SetLimits, MirrorApplication.Map);
        _without = await UpgradeServer.StartAsync(
            builder => builder.WebHost.ConfigureKestrel(options =>
            {
                SetLimits(options);
                options.Listen(IPAddress.Loopback, 0);
            }),
            MirrorApplication.Map);
        _with.IsExpected = _without.IsExpected = line => line.Id.Name == "ApplicationError";
        foreach (var stream in TransparencyCorpus.All.Values)
        {
            _whole.Add(stream.Name, CompareAsync(Segments.Whole(stream)));
            _segmented.Add(stream.Name, CompareAsync(Segments.Random(stream)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task all = Task.WhenAll(_whole.Values.Concat(_segmented.Values));
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _with!.DisposeAsync();
        await _without!.DisposeAsync();
        _pairs.Dispose();
    }

    internal Task<Comparison> CompareAsync(string name, bool isSegmented) => (isSegmented ? _segmented : _whole)[name];

    internal async Task<Comparison> CompareAsync(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        await _pairs.WaitAsync();
        try
        {
            return await Comparison.RunAsync(_with!, _without!, segments);
        }
        finally
        {
            _pairs.Release();
        }
    }

    /// <summary>
    /// Every connection has to be ended by the server, and soon, but not because the machine is busy: Kestrel charges a read
    /// with the time since its last heartbeat, which may be late itself.
    /// </summary>
    private static void SetLimits(KestrelServerOptions options)
    {
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(3);
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(3);
        options.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 5000, gracePeriod: TimeSpan.FromSeconds(5));
        options.Limits.MaxRequestLineSize = MaxRequestLineSize;
        options.Limits.MaxRequestHeadersTotalSize = MaxRequestHeadersTotalSize;
        options.Limits.MaxRequestHeaderCount = MaxRequestHeaderCount;
        options.Limits.MaxRequestBodySize = MaxRequestBodySize;
    }
}
