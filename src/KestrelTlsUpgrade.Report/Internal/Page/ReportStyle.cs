namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>How the page looks: in light and dark, on a wide screen and on a narrow one.</summary>
internal static class ReportStyle
{
    public static void Write(HtmlWriter html)
    {
        WriteColours(html);
        WriteText(html);
        WriteCharts(html);
        WriteTables(html);
    }

    private static void WriteColours(HtmlWriter html) => html.Write(
        $$"""

        :root{color-scheme:light dark;
        --paper:#f6f7f8;--card:#fff;--ink:#1d2126;--soft:#5b646e;--line:#e1e5e9;--accent:#2f6fb0;
        --plaintext:#c2760f;--upgraded:#1f8f76;--direct:#3f74bd;--refused:#8a63a8;--failed:#c8453f;--silent:#848d97;
        --good:#17705c;--warn:#8f5400;--warn-ground:#fdf3e3;--bad:#b3302b}
        @media (prefers-color-scheme:dark){:root{
        --paper:#121417;--card:#1a1d21;--ink:#e6e9ec;--soft:#9aa4ae;--line:#2c3137;--accent:#7ab0ea;
        --plaintext:#e8a24a;--upgraded:#3bb497;--direct:#6e9fe0;--refused:#b18bd0;--failed:#e5706a;--silent:#6c757f;
        --good:#5cc9ad;--warn:#f0b45e;--warn-ground:#2d2415;--bad:#f08b85} }

        """);

    private static void WriteText(HtmlWriter html) => html.Write(
        $$"""
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1.5rem clamp(.9rem,3vw,2rem) 3rem;max-width:76rem;background:var(--paper);color:var(--ink);
        font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
        h1{font-size:1.5rem;line-height:1.2;margin:0;letter-spacing:-.01em}
        h2{font-size:1.15rem;margin:0 0 .25rem}
        h3{font-size:1rem;margin:0 0 .75rem;font-weight:600}
        p{margin:.25rem 0}
        header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:.25rem 1rem}
        #live{display:flex;align-items:center;gap:.6rem;margin:0;color:var(--soft);font-size:.875rem}
        #live[hidden]{display:none}
        button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:.45rem;padding:.2rem .7rem;cursor:pointer}
        :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        .remark,.nothing,.scale,.times,.unnamed{color:var(--soft)}
        .remark,.refusals{font-size:.875rem}
        .code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875rem;overflow-wrap:anywhere}
        .hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        section,figure,.tile{background:var(--card);border:1px solid var(--line);border-radius:.75rem}
        section{padding:1.1rem 1.25rem;margin-top:1rem}
        .summary{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,10.5rem),1fr));gap:1rem;margin:1rem 0 0}
        .tile{padding:.9rem 1.25rem;overflow-wrap:anywhere}
        dt{color:var(--soft)}dd{margin:0}
        .tile dt{font-size:.875rem}
        .value{font-size:1.75rem;line-height:1.25;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
        .warning{border-color:var(--warn);background:var(--warn-ground)}
        .warning .value,.warning .days{color:var(--warn)}
        .warning .remark{color:var(--warn)}
        .alert{color:var(--bad);overflow-wrap:anywhere;margin-bottom:.6rem}
        a{color:var(--accent)}
        summary{cursor:pointer;color:var(--accent);width:fit-content;border-radius:.25rem}

        """);

    private static void WriteCharts(HtmlWriter html) => html.Write(
        $$"""
        .charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem;padding:0;background:none;border:0}
        figure{margin:0;padding:1rem 1.25rem}
        figcaption{display:flex;justify-content:space-between;gap:1rem}
        .total{font-variant-numeric:tabular-nums;font-weight:600}
        .scale{font-size:.75rem;margin:.35rem 0 .15rem}
        .columns{display:block;width:100%;height:8rem;border-top:1px dashed var(--line);border-bottom:1px solid var(--soft)}
        .columns g:hover .whole{fill:var(--line)}
        .times{display:flex;justify-content:space-between;font-size:.75rem;margin:.2rem 0 .6rem;font-variant-numeric:tabular-nums}
        .whole{fill:transparent}
        .plaintext{fill:url(#hatch)}.failed{fill:url(#cross)}
        .upgraded{fill:var(--upgraded)}.direct{fill:var(--direct)}.refused{fill:var(--refused)}.silent{fill:var(--silent)}
        #hatch .ground{fill:var(--plaintext)}#cross .ground{fill:var(--failed)}
        #hatch .line,#cross .line{fill:var(--card);fill-opacity:.45}
        .key{width:.8rem;height:.8rem;margin-right:.5rem;vertical-align:-.06em}
        .legend{font-size:.875rem}
        .legend th{font-weight:400;padding:.1rem 0;border:0}
        .legend td{padding:.1rem 0 .1rem 1rem;border:0;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .legend td:last-child{color:var(--soft);width:4.5rem}

        """);

    private static void WriteTables(HtmlWriter html) => html.Write(
        $$"""
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;vertical-align:baseline;padding:.45rem 1rem .45rem 0;border-bottom:1px solid var(--line)}
        tbody tr:last-child>*{border-bottom:0}
        thead th{font-size:.8rem;font-weight:500;color:var(--soft)}
        tbody th{font-weight:600}
        tbody .unnamed{font-weight:400}
        table{font-size:.9375rem}
        .number{text-align:right;padding-right:1.75rem;font-variant-numeric:tabular-nums;white-space:nowrap}
        small{color:var(--soft);font-size:.8rem}
        .causes th{white-space:nowrap}
        .scroll{overflow-x:auto;margin-top:.5rem}
        .offer{white-space:nowrap}
        .good{color:var(--good)}.bad{color:var(--bad)}.fair{color:var(--warn)}.never{font-weight:600}
        ul.refusals{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:.25rem 0 0;padding:0}
        p.refusals{margin-top:.9rem;color:var(--soft)}
        .endpoint{border-top:1px solid var(--line);padding-top:1rem;margin-top:1rem}
        h2+.endpoint{border-top:0;padding-top:.25rem;margin-top:.25rem}
        .certificate{border:1px solid var(--line);border-radius:.6rem;padding:.75rem 1rem;margin-bottom:.75rem;display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.5rem 1.5rem}
        .certificate.warning{border-color:var(--warn)}
        .days{margin:0;font-size:.875rem}.days strong{display:block;font-size:1.35rem;line-height:1.3;white-space:nowrap}
        .certificate dl,.settings{margin:0;display:grid;gap:.15rem 1.5rem;font-size:.875rem}
        .certificate dl div,.settings div{display:grid;grid-template-columns:minmax(6rem,auto) 1fr;gap:.75rem}
        .certificate dl div{grid-template-columns:6rem 1fr}
        .certificate dd,.settings dd{overflow-wrap:anywhere}
        .settings{grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));margin-top:.6rem}
        .settings div{grid-template-columns:15.5rem 1fr}
        @media (max-width:64rem){
        .summary{grid-template-columns:repeat(6,minmax(0,1fr))}.tile{grid-column:span 2}.tile:nth-child(n+4){grid-column:span 3}
        }
        @media (max-width:40rem){
        section,figure,.tile{border-radius:.6rem}
        section{padding:1rem}figure,.tile{padding:.8rem 1rem}
        .charts{padding:0;grid-template-columns:minmax(0,1fr)}
        .summary{grid-template-columns:1fr 1fr;gap:.6rem}.tile:nth-child(n){grid-column:auto}.tile:nth-child(5){grid-column:1/-1}
        .value{font-size:1.4rem}
        .certificate{grid-template-columns:1fr}
        .settings div{grid-template-columns:1fr auto;gap:.75rem}.settings dd{text-align:right}
        }
        @media (max-width:52rem){
        .scroll thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .scroll table,.scroll tbody{display:block}
        .scroll tr{display:grid;grid-template-columns:minmax(50%,1fr) minmax(0,auto);gap:.1rem 1rem;align-items:baseline;padding:.6rem 0;border-bottom:1px solid var(--line)}
        .scroll tbody tr:last-child{border-bottom:0}
        .scroll tbody :is(th,td){display:block;border:0;padding:0}
        .scroll td{font-size:.875rem}
        .scroll tbody .number,.offer{white-space:normal}
        .callers td:nth-of-type(odd){grid-column:1;color:var(--soft)}
        .callers td:nth-of-type(even){grid-column:2;text-align:right}
        .callers td:nth-of-type(2){grid-row:1}
        .callers td:nth-of-type(4){grid-row:2}
        .callers td:nth-of-type(3){grid-row:3;grid-column:2}
        .callers td:nth-of-type(5){grid-row:3}
        .causes tr{grid-template-columns:auto 1fr}
        .causes :is(th,.wide){grid-column:1/-1;white-space:normal}.causes .wide{color:var(--soft)}.causes .number{text-align:left;padding:0}
        [data-before]::before{content:attr(data-before) " ";color:var(--soft)}
        [data-after]::after{content:" " attr(data-after);color:var(--soft)}
        }
        @media (max-width:21rem){
        .scroll tr{grid-template-columns:minmax(0,1fr)}
        .callers td:nth-of-type(n){grid-column:1;grid-row:auto;text-align:left}
        }

        """);
}
