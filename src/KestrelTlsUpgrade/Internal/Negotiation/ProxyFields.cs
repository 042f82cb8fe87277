namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// The fields that identify proxies. A field belongs here if proxies add it and ordinary clients never send it. Trace contexts and request
/// ids do not: instrumented clients send them.
/// </summary>
internal static class ProxyFields
{
    public static readonly ProxyField[] All =
    [
        // Standards.
        new("Via", "every proxy and gateway has to add it (RFC 9110 section 7.6.3)") { IsOfForwardProxies = true },
        new("Forwarded", "proxies of every kind (RFC 7239)"),
        new("Max-Forwards", "counts the proxies that a request may still pass (RFC 9110 section 7.6.2)") { IsOfForwardProxies = true },
        new("CDN-Loop", "content delivery networks, to detect loops (RFC 8586)"),
        new("Early-Data", "proxies that end TLS 1.3; not for user agents (RFC 8470 section 5.1)"),
        new("Client-Cert", "proxies that end mutual TLS (RFC 9440)"),
        new("Client-Cert-Chain", "proxies that end mutual TLS (RFC 9440)"),
        new("Surrogate-Capability", "squid and other surrogates (Edge Architecture Specification)"),

        // Conventions that many proxies share.
        new("X-Forwarded-*", "nearly every proxy, and the certificate of a mesh's client"),
        new("X-Forwarded", "older proxies, before RFC 7239"),
        new("Forwarded-For", "older proxies, before RFC 7239"),
        new("X-Original-*", "IIS URL Rewrite, Azure Application Gateway, ingress-nginx, and ASP.NET Core's own forwarded headers middleware"),
        new("X-Real-IP", "nginx, Traefik"),
        new("X-Client-IP", "Azure App Service, Amazon EC2 and Heroku routers"),
        new("Client-IP", "Apache Traffic Server by default, Azure App Service"),
        new("True-Client-IP", "Akamai, Cloudflare"),
        new("X-Cluster-Client-IP", "Rackspace, Riverbed and Zeus load balancers"),
        new("X-ProxyUser-Ip", "Google's services"),
        new("X-Request-Start", "Heroku's router, and load balancers that report queueing time"),
        new("X-Queue-Start", "load balancers that report queueing time"),
        new("X-NginX-Proxy", "nginx with a widespread configuration"),
        new("Front-End-Https", "Microsoft ISA Server and Forefront TMG, FortiProxy"),
        new("SSL-Client-*", "ingress-nginx and others that end mutual TLS"),
        new("X-SSL-*", "HAProxy and others that end TLS, as in their manuals"),

        // Products.
        new("X-Varnish", "Varnish"),
        new("X-Envoy-*", "Envoy and meshes built on it"),
        new("L5d-*", "Linkerd"),
        new("Proxy-Client-IP", "Oracle's plug-ins for WebLogic"),
        new("WL-Proxy-*", "Oracle's plug-ins for WebLogic"),
        new("$WS*", "IBM's plug-ins for WebSphere"),
        new("X-BlueCoat-Via", "Blue Coat ProxySG") { IsOfForwardProxies = true },
        new("X-IMForwards", "Cisco Web Security Appliance") { IsOfForwardProxies = true },

        // Clouds and content delivery networks.
        new("CF-Connecting-*", "Cloudflare"),
        new("CF-EW-Via", "Cloudflare"),
        new("CF-IPCountry", "Cloudflare"),
        new("CF-Pseudo-IPv4", "Cloudflare"),
        new("CF-Ray", "Cloudflare"),
        new("CF-Visitor", "Cloudflare"),
        new("CF-Worker", "Cloudflare Workers"),
        new("Fastly-*", "Fastly"),
        new("X-Azure-*", "Azure Front Door"),
        new("X-FD-*", "Azure Front Door, its health probes included"),
        new("X-AppGW-*", "Azure Application Gateway"),
        new("X-ARR-*", "Azure App Service, IIS Application Request Routing"),
        new("CloudFront-*", "Amazon CloudFront"),
        new("X-Amz-Cf-*", "Amazon CloudFront"),
        new("X-Amzn-Mtls-*", "AWS Application Load Balancer"),
        new("X-Amzn-Oidc-*", "AWS Application Load Balancer"),
        new("X-Amzn-Tls-*", "AWS Application Load Balancer"),
        new("X-Appengine-*", "Google App Engine"),
        new("Akamai-*", "Akamai"),
        new("X-Akamai-*", "Akamai"),
        new("Incap-*", "Imperva"),
        new("X-Sucuri-*", "Sucuri"),
        new("Ali-CDN-*", "Alibaba Cloud CDN"),
        new("DO-Connecting-IP", "DigitalOcean App Platform"),
        new("Fly-*", "Fly.io"),
        new("X-Nf-*", "Netlify"),
        new("X-Vercel-*", "Vercel"),
    ];
}
