using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Tests.Support;

internal sealed class AbortRecorder : DefaultConnectionContext
{
    public AbortRecorder() => Transport = new TestConnection().Context.Transport;

    public int Aborted { get; private set; }

    public override void Abort(ConnectionAbortedException abortReason) => Aborted++;
}
