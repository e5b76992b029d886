namespace Juoku.Learning.Reports;

/// <summary>The look of a report: one sheet, light and dark, from a phone to a wide screen.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#5d6878;--faint:#e6e9ee;--accent:#2458d3;--second:#d9622b;--good:#17855a;--warn:#b26a00;--bad:#c2303f;--wash:#2458d31a}
        @media(prefers-color-scheme:dark){:root{--page:#12161d;--card:#1a202a;--ink:#e8ecf2;--soft:#9aa6b6;--faint:#2b3340;--accent:#7aa2ff;--second:#ff9a62;--good:#54c795;--warn:#e2a548;--bad:#ff7d88;--wash:#7aa2ff24}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1160px;margin:0 auto;padding:36px 24px 56px}
        header h1{margin:0;font-size:30px;line-height:1.2;letter-spacing:-.01em;font-weight:650}
        header p{margin:6px 0 0;color:var(--soft)}
        h2{margin:0 0 4px;font-size:16px;font-weight:620}
        .note{margin:0 0 10px;color:var(--soft);font-size:13px}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px;margin:26px 0 16px}
        .tile,.card{background:var(--card);border:1px solid var(--faint);border-radius:12px}
        .tile{padding:13px 16px 12px}
        .tile b{display:block;font-size:25px;line-height:1.25;font-weight:620;letter-spacing:-.01em}
        .tile span{color:var(--soft);font-size:13px}
        .tile small{display:block;color:var(--soft);font-size:12px}
        .grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
        .card{padding:18px 20px}
        .wide{grid-column:1/-1}
        svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{fill:var(--soft);font-size:12px}
        svg .axis-title{font-size:12.5px}
        svg .legend{fill:var(--ink);font-size:12.5px}
        svg .grid{stroke:var(--faint);stroke-width:1}
        svg .axis{stroke:var(--soft);stroke-width:1}
        svg .curve{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}
        svg .ideal{fill:none;stroke:var(--soft);stroke-width:1.3;stroke-dasharray:4 4}
        svg .band,svg .area{fill:var(--wash);stroke:none}
        svg .whisker{stroke:var(--accent);stroke-width:1.2;opacity:.55}
        svg .dot{fill:var(--card);stroke:var(--accent);stroke-width:2}
        svg .bar{stroke:none}
        svg .others{fill:var(--soft);stroke:var(--soft);opacity:.38}
        svg .clicked{fill:var(--second);stroke:var(--second);opacity:.72}
        svg .bar.others,svg .bar.clicked{stroke:none}
        svg .key{stroke-width:9}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:5px 18px;margin:0}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        .scroll{overflow-x:auto}
        table{width:100%;border-collapse:collapse;font-size:13.5px}
        th{padding:5px 8px;color:var(--soft);font-weight:500;text-align:right;border-bottom:1px solid var(--faint);white-space:nowrap}
        td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--faint);white-space:nowrap}
        tr:last-child td{border-bottom:0}
        th:first-child,td:first-child{text-align:left;padding-left:0}
        td:first-child{max-width:210px;overflow:hidden;text-overflow:ellipsis}
        td.meter{width:38%;min-width:90px;padding-right:0}
        .meter i{display:block;height:9px;border-radius:5px;background:var(--accent);min-width:2px}
        .meter.ok i{background:var(--good)}.meter.warn i{background:var(--warn)}.meter.bad i{background:var(--bad)}
        .around{position:relative;height:9px;border-radius:5px;background:var(--faint)}
        .around::after{content:"";position:absolute;left:50%;top:-3px;bottom:-3px;width:1px;background:var(--soft)}
        .around i{position:absolute;top:0;min-width:2px}
        .ok{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
        details summary{cursor:pointer;color:var(--soft);font-size:13px;margin-top:8px}
        footer{margin-top:26px;color:var(--soft);font-size:12.5px}
        @media(max-width:820px){.grid{grid-template-columns:minmax(0,1fr)}main{padding:22px 14px 40px}.card{padding:14px}header h1{font-size:25px}.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}svg text{font-size:14px}svg .axis-title,svg .legend{font-size:14px}td.meter{min-width:70px}}
        @media print{body{background:#fff}.card,.tile{break-inside:avoid}}
        """;
}
