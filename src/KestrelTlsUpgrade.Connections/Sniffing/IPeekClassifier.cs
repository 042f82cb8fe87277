using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>Classifies the first bytes of a connection.</summary>
internal interface IPeekClassifier<T>
{
    /// <summary>Called with all bytes received so far, each time that more arrive.</summary>
    PeekVerdict<T> Classify(in ReadOnlySequence<byte> bytes);

    /// <summary>Called instead of another <see cref="Classify"/> when the wait has ended without a decision.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="end">Why the wait ended.</param>
    /// <param name="last">The value of the last verdict; the default for <see cref="PeekEnd.Failed"/>.</param>
    /// <param name="isSilent">Whether the client sent no byte.</param>
    T End(ConnectionContext connection, PeekEnd end, T? last, bool isSilent);
}
