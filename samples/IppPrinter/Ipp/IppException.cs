namespace IppPrinter.Ipp;

/// <summary>A request that is answered with a status other than success.</summary>
internal sealed class IppException(IppStatus status, string message) : Exception(message)
{
    public IppStatus Status => status;

    /// <summary>The attributes that are to blame, with their values.</summary>
    public IReadOnlyList<IppAttribute> Unsupported { get; init; } = [];
}
