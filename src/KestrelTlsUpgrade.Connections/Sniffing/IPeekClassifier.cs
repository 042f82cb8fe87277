using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>Decides what the first bytes of a connection are.</summary>
internal interface IPeekClassifier<T>
{
    /// <summary>Called with everything that has arrived, each time that there is more.</summary>
    PeekVerdict<T> Classify(in ReadOnlySequence<byte> bytes);

    /// <summary>Called instead of another <see cref="Classify"/> when no more bytes are waited for.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="end">Why.</param>
    /// <param name="last">What the last verdict was about; nothing for <see cref="PeekEnd.Failed"/>.</param>
    /// <param name="isSilent">Whether no byte has arrived.</param>
    T End(ConnectionContext connection, PeekEnd end, T? last, bool isSilent);
}
