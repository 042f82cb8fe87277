using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Fuzzing.Input;

/// <summary>A connection that only comes in.</summary>
internal sealed class SegmentedConnection(SegmentedPipeReader input) : IDuplexPipe
{
    private static readonly PipeWriter Nowhere = PipeWriter.Create(Stream.Null);

    public PipeReader Input => input;

    public PipeWriter Output => Nowhere;

    public static ConnectionContext Create(SegmentedPipeReader input)
    {
        var transport = new SegmentedConnection(input);
        return new DefaultConnectionContext("fuzz", transport, transport);
    }
}
