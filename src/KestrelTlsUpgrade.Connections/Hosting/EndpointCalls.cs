namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>The calls that have added a package to an endpoint.</summary>
internal sealed class EndpointCalls
{
    private bool _isReachedByHost;
    private bool _isNamed;

    /// <param name="isNamed">True for the endpoint's own method, false for the endpoint defaults of the host-wide one.</param>
    public void Add(bool isNamed)
    {
        _isNamed |= isNamed;
        _isReachedByHost |= !isNamed;
    }

    /// <summary>
    /// Who was meant. Kestrel has one callback for endpoint defaults: where the host-wide method's has run, a further call is the
    /// endpoint's own.
    /// </summary>
    public CallScope FindScope(HostCoverage coverage) =>
        !_isNamed ? CallScope.AllEndpoints
        : coverage.IsWholeHost && !_isReachedByHost ? CallScope.Uncertain
        : CallScope.ThisEndpoint;
}
