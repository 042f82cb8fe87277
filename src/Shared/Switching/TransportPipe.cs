using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Internal.Switching;

internal sealed class TransportPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
