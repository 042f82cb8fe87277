namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>What a member with an attribute that requires TLS is, which decides whether an endpoint can carry the attribute.</summary>
internal enum MarkedKind
{
    /// <summary>A controller, hub, page, gRPC service or the like: if it is served at all, its endpoint carries the attribute.</summary>
    Carried,

    /// <summary>A component. A page has an endpoint; other components are part of whatever shows them.</summary>
    Component,

    /// <summary>A method of a hub, which has one endpoint for all of them.</summary>
    HubMethod,

    /// <summary>A handler of a Razor page, which has one endpoint for all of them, or the view of a page whose model is another class.</summary>
    PartOfPage,

    /// <summary>Anything else: it depends on what serves it.</summary>
    Other,
}
