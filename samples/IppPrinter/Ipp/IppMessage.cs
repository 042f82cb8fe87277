namespace IppPrinter.Ipp;

/// <summary>A request or an answer, without the document that may follow a request (RFC 8010 section 3.1).</summary>
/// <param name="version">The major version times 256, and the minor version.</param>
/// <param name="code">The operation of a request, or the status of an answer.</param>
/// <param name="requestId">The number by which an answer names its request.</param>
internal sealed class IppMessage(short version, short code, int requestId)
{
    public const short Version11 = 0x0101;
    public const short Version20 = 0x0200;

    public short Version => version;

    public short Code => code;

    public int RequestId => requestId;

    public List<IppGroup> Groups { get; } = [];

    public IppOperation Operation => (IppOperation)code;

    public IppStatus Status => (IppStatus)code;

    /// <summary>The first group of a kind.</summary>
    public IppGroup? this[IppTag tag] => Groups.Find(group => group.Tag == tag);
}
