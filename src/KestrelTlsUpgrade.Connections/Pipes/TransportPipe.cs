using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Connections.Pipes;

internal sealed class TransportPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
