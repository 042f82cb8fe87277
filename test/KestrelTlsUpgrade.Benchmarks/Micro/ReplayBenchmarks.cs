using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using KestrelTlsUpgrade.Internal.Replay;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>The reader that puts the replayed request before what comes over TLS: once as long as it does, and then for good.</summary>
public class ReplayBenchmarks
{
    private static readonly byte[] Head = "GET /index.html HTTP/1.1\r\nHost:printer.example:631\r\n\r\n"u8.ToArray();

    private readonly Pipe _pipe = new();
    private ReplayPipeReader? _used;

    [GlobalSetup]
    public void TakeHead()
    {
        _used = new ReplayPipeReader(Head, _pipe.Reader);
        Take(_used);
    }

    [Benchmark]
    public long ReadHead() => Take(new ReplayPipeReader(Head, _pipe.Reader));

    [Benchmark(Baseline = true)]
    public async ValueTask<long> ReadWithout() => await TransferAsync(_pipe.Reader);

    [Benchmark]
    public async ValueTask<long> ReadBehindHead() => await TransferAsync(_used!);

    private async ValueTask<long> TransferAsync(PipeReader reader)
    {
        await _pipe.Writer.WriteAsync(Head);
        return Take(reader);
    }

    private static long Take(PipeReader reader)
    {
        if (!reader.TryRead(out var result) || result.Buffer.Length != Head.Length)
        {
            throw new InvalidOperationException("It has not come.");
        }

        reader.AdvanceTo(result.Buffer.End);
        return Head.Length;
    }
}
